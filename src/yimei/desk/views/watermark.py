"""Who is reading, across every clinical page: a photograph of the screen says whose screen it was."""

from xml.sax.saxutils import escape

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from yimei.core.clock import SHANGHAI
from yimei.ui.guard import StaffRequest, allow

TILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="340" height="210">'
    '<g transform="rotate(-24 170 105)" fill="#7a8486" font-family="sans-serif" font-size="15" '
    'text-anchor="middle"><text x="170" y="98">{name}</text>'
    '<text x="170" y="120">{at} {tail}</text></g></svg>'
)


@require_GET
@allow()
def tile(request: StaffRequest) -> HttpResponse:
    """One tile of the reader's name, the hour and the end of her number; the style sheet repeats it."""
    now = timezone.now().astimezone(SHANGHAI)
    tail = str(request.user.public_id)[-4:].upper()
    drawn = TILE.format(name=escape(request.user.name), at=f"{now:%Y-%m-%d %H:00}", tail=tail)
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=600"
    response["Vary"] = "Cookie"
    return response
