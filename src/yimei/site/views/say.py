"""Words at a point of care, without a name; a receipt by which the answer is read."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yimei.growth.actions import feedback as feedback_actions
from yimei.growth.actions import hearing as actions
from yimei.growth.queries import feedback as queries
from yimei.site.forms.say import SayForm
from yimei.ui.forms.refusals import blaming
from yimei.ui.guard import public
from yimei.ui.views import toast


@public("whoever stands at the place may say something")
@never_cache
@require_http_methods(["GET", "POST"])
def say(request: HttpRequest, code: str) -> HttpResponse:
    place = queries.standing_place(code)
    form = SayForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("words", "stars", "name", "phone", "may_answer")}
        with blaming(form):
            if form.cleaned_data["website"]:
                return redirect("site:say-thanks")
            ip = str(request.META.get("REMOTE_ADDR", ""))
            row = actions.say_here(code, **asked, ip=ip, now=timezone.now())
            return _quiet(redirect("site:say-receipt", row.public_id, queries.mark_of(row)))
    values = {"form": form, "place": place}
    return render(request, "site/say/say.html", values, status=422 if form.is_bound else 200)


@public("says thank you and nothing about anybody")
@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "site/say/thanks.html")


@public("the secret address is the right to read the answer")
@never_cache
@require_GET
def receipt(request: HttpRequest, feedback_id: UUID, mark: str) -> HttpResponse:
    row = queries.behind(feedback_id, mark)
    values = {"feedback": row, "mark": mark, "replies": queries.shown_replies(row)}
    return _quiet(render(request, "site/say/receipt.html", values))


@public("the secret address is the right to take it back")
@csrf_exempt  # Nobody is signed in here; without a referrer browsers send no origin to compare.
@never_cache
@require_POST
def withdraw(request: HttpRequest, feedback_id: UUID, mark: str) -> HttpResponse:
    feedback_actions.withdraw(feedback_id, mark, now=timezone.now())
    return toast(request, redirect("site:say-thanks"), _("已撤回并删除，内容不可恢复。"))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the secret out of every other address's log."""
    response["Referrer-Policy"] = "no-referrer"
    return response
