"""A question left on the website: known or not, the answer is the same."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yimei.growth.actions import asking as actions
from yimei.growth.queries import ways
from yimei.hospital.queries import campuses
from yimei.privacy.enums import Audience
from yimei.privacy.queries import current_notice
from yimei.site.forms.ask import AskForm
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import public

ASKED = ("name", "phone", "interest", "note", "campus", "code", "news")


@public("anybody may ask")
@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    places = list(campuses())
    notice = current_notice(actions.NOTICE, Audience.ADULT)
    start = {"notice": notice.public_id if notice else "", "campus": places[0].public_id if places else ""}
    start["code"] = request.GET.get("code", "")[:40]
    choices = [(str(one.public_id), one.name) for one in places]
    form = AskForm(request.POST if request.method == "POST" else None, initial=start, campuses=choices)
    if form.is_bound and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ASKED}
        with blaming(form):
            if not form.cleaned_data["website"]:
                ip = str(request.META.get("REMOTE_ADDR", ""))
                actions.ask(**asked, notice_id=form.cleaned_data["notice"], ip=ip, now=timezone.now())
            return redirect("site:ask-thanks")
    text = str(form["code"].value() or "")
    values = {
        "form": form,
        "notice": notice,
        "campuses": places,
        "has_choice": len(places) > 1,
        "has_code": bool(text),
        "way": ways.describe(text, now=timezone.now()),
    }
    return render(request, "site/ask/ask.html", values, status=422 if form.is_bound else 200)


@public("says thank you and nothing about anybody")
@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "site/ask/thanks.html", {"campuses": list(campuses())})
