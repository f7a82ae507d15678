"""Sign-in and roles: who somebody is (OpenID Connect), and what each role may see and send."""
