"""The API page: Swagger UI from our own server, allowed to do no more than it needs."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

PATH = "/docs"
#: Mounted by fastapi-offline.
FILES = "/static-offline-docs"
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def add_to(app: FastAPI) -> None:
    """Serve the API page."""
    page = get_swagger_ui_html(
        openapi_url=str(app.openapi_url),
        title=app.title,
        oauth2_redirect_url=None,
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon.png",
    )
    body, headers = bytes(page.body), {"Content-Security-Policy": policy_for(bytes(page.body))}

    @app.get(PATH, include_in_schema=False)
    async def show_api_page() -> HTMLResponse:
        return HTMLResponse(body, headers=headers)


def policy_for(page: bytes) -> str:
    """Return what a page may load: its own inline scripts by their hashes, and files of ours."""
    hashes = [b64encode(sha256(script).digest()).decode() for script in _INLINE.findall(page)]
    scripts = " ".join(f"'sha256-{one}'" for one in hashes)
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}",
            "style-src 'self' 'unsafe-inline'",  # Swagger UI writes styles into its elements
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
