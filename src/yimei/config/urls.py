"""Every address of the program, by part."""

from importlib.util import find_spec

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/desk/")),
    path("", include("yimei.api.urls")),
    *[
        path(prefix, include(f"yimei.{part}.urls"))
        for prefix, part in [("desk/", "desk"), ("my/", "portal")]
        if find_spec(f"yimei.{part}.urls")
    ],
]
