"""Addresses of the bookings screens."""

from django.urls import URLPattern, path

from yimei.desk.views import bookings, calendar, calls, consultations, money, reception, visits

urlpatterns: list[URLPattern] = [
    path("bookings/", bookings.day, name="bookings"),
    path("bookings/new/", calls.new, name="booking-new"),
    path("bookings/new/people/", calls.people, name="booking-people"),
    path("bookings/visit/", visits.new, name="visit-new"),
    path("bookings/visit/find/", visits.find, name="visit-find"),
    path("bookings/course/", visits.course, name="course-new"),
    path("bookings/slots/", calls.slots, name="slots"),
    path("calendar/", calendar.index, name="calendar"),
    path("calendar/move/", calendar.move, name="calendar-move"),
    path("bookings/<uuid:booking_id>/try/", calendar.try_place, name="booking-try"),
    path("bookings/<uuid:booking_id>/", bookings.detail, name="booking"),
    path("bookings/<uuid:booking_id>/confirm/", bookings.confirm, name="booking-confirm"),
    path("bookings/<uuid:booking_id>/arrive/", bookings.arrive, name="booking-arrive"),
    path("bookings/<uuid:booking_id>/serve/", bookings.serve, name="booking-serve"),
    path("bookings/<uuid:booking_id>/no-show/", bookings.no_show, name="booking-no-show"),
    path("bookings/<uuid:booking_id>/cancel/", bookings.cancel, name="booking-cancel"),
    path("bookings/<uuid:booking_id>/reschedule/", bookings.reschedule, name="booking-reschedule"),
    path("bookings/<uuid:booking_id>/undo/", bookings.undo, name="booking-undo"),
    path("bookings/<uuid:booking_id>/triage/", bookings.triage, name="booking-triage"),
    path("reception/", reception.index, name="reception"),
    path("cases/<uuid:case_id>/consultation/", consultations.consultation, name="case-consultation"),
    path("cases/<uuid:case_id>/quote/", consultations.quote, name="case-quote"),
    path("cases/<uuid:case_id>/quote/sum/", consultations.quote_sum, name="quote-sum"),
    path("cases/<uuid:case_id>/quote/line/", consultations.quote_line, name="quote-line"),
    path("cases/<uuid:case_id>/refer/", consultations.refer, name="case-refer"),
    path("cases/<uuid:case_id>/lose/", consultations.lose, name="case-lose"),
    path("cases/<uuid:case_id>/money/", money.case, name="case-money"),
    path("quotes/<uuid:quote_id>/accept/", money.accept, name="quote-accept"),
    path("quotes/<uuid:quote_id>/decline/", money.decline, name="quote-decline"),
    path("quotes/<uuid:quote_id>/approve/", money.approve, name="quote-approve"),
    path("quotes/<uuid:quote_id>/order/", money.open_order, name="order-open"),
    path("orders/<uuid:order_id>/pay/", money.take, name="payment-take"),
    path("orders/<uuid:order_id>/cancel/", money.cancel, name="order-cancel"),
    path("orders/<uuid:order_id>/receipt/", money.receipt, name="payment-receipt"),
    path("payments/<uuid:payment_id>/refund/", money.refund, name="payment-refund"),
    path("money/", money.index, name="money"),
]
