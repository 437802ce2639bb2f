"""`python -m portal.free_port HOST PORT`: says in Swedish when somebody has the port."""

import socket
import sys


def main(host, port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except (OSError, ValueError, OverflowError) as fault:
            sys.exit(
                f"Det går inte att lyssna på {host}:{port} ({fault}). "
                f"Välj en annan port: make run PORT={8001 if port == '8000' else 8000}"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
