"""Pages of the door, as plain HTML: they are shown to people who may not load the app."""

from flask import Response, render_template_string

PAGE = """<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{{ title }} - Joined Up</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root{color-scheme:light dark}body{font:1.05rem/1.55 system-ui,sans-serif;margin:0;background:#f4f6f8;color:#0b0c0c}
main{max-width:34rem;margin:12vh auto 0;padding:2rem;background:#fff;border-radius:8px;border:1px solid #d5d9de}
h1{margin:0 0 .75rem;font-size:1.5rem}a{color:#12436d}
button,.act{display:inline-block;font:inherit;padding:.55rem 1.1rem;border:0;
border-radius:6px;background:#12436d;color:#fff;text-decoration:none}
@media(max-width:38rem){main{margin:1rem}}
@media(prefers-color-scheme:dark){body{background:#141517;color:#f1f3f5}main{background:#242527;border-color:#4a4d51}
a{color:#9fc9ef}button,.act{background:#9fc9ef;color:#0b0c0c}}
</style></head><body><main><h1>{{ title }}</h1><p>{{ text }}</p>
{% if token %}<form method="post" action="/sign-out"><input type="hidden" name="csrf_token" value="{{ token }}">
<button>Sign out</button></form><p><a href="/">Stay signed in</a></p>{% endif %}
{% if onward %}<p><a class="act" href="{{ onward[0] }}">{{ onward[1] }}</a></p>{% endif %}</main></body></html>"""


def plain_page(
    title: str, text: str, *, status: int = 200, token: str | None = None, onward: tuple[str, str] | None = None
) -> Response:
    """Return a page with one message, and at most a way to sign out or one link onward."""
    page = render_template_string(PAGE, title=title, text=text, token=token, onward=onward)
    return Response(page, status=status, content_type="text/html; charset=utf-8")
