"""Sign-in through the region's own identity provider, by OpenID Connect.

config     what the environment says about the provider
fetching   one request to it, with caps on time and size
provider   its metadata and keys, kept for a while
tokens     whether an ID token is true, meant for us, of today and strong enough
flow       from the button to claims: state, nonce, PKCE
faults     why a sign-in did not come about
views      the two addresses and what a refusal looks like

What claims mean here is told in portal.accounts.claims.
"""
