"""Every address of the program, by part."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from yimei.ui.guard import public
from yimei.ui.views import kit

urlpatterns = [
    path("", RedirectView.as_view(url="/desk/")),
    path("", include("yimei.api.urls")),
    path("desk/", include("yimei.desk.urls")),
    path("my/", include("yimei.portal.urls")),
    path("hooks/", include("yimei.hooks.urls")),
    path("book/", include("yimei.site.urls")),
    path("language/", public("the reader's language")(set_language), name="set_language"),
]
if settings.DEVELOPMENT:
    urlpatterns.append(path("desk/_kit/", kit, name="kit"))

handler400 = "yimei.ui.views.bad_request"
handler403 = "yimei.ui.views.permission_denied"
handler404 = "yimei.ui.views.not_found"
handler500 = "yimei.ui.views.server_error"
