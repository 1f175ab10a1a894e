"""Sign-in by an OpenID Connect provider that the place chose: NHS login, CIS2, a Keycloak."""
