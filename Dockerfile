# The portal, its commands and its migrations. Built and run as a user without rights.
FROM python:3.11-slim-bookworm

RUN useradd --system --uid 10001 --create-home --home-dir /srv/portal portal
WORKDIR /srv/portal
COPY requirements.txt requirements-redis.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -r requirements-redis.txt
COPY --chown=root:root . .
# Hashed and compressed static files are part of the image; the key is for this step only.
RUN PORTAL_SECRET_KEY=build PORTAL_DATA_DIR=/srv/static-build python manage.py collectstatic --noinput --verbosity 0 \
    && install -d -o portal -g portal /data /data/documents /backups \
    && mv /srv/static-build/static /data/static && chown -R portal:portal /data

USER portal
ENV PORTAL_DATA_DIR=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/halsa/', timeout=4)"]
CMD ["gunicorn", "--config", "python:portal.gunicorn", "--bind", "0.0.0.0:8000", "portal.wsgi"]
