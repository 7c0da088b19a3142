"""The service journey: bookings, cases, consultation, plan, consent, surgery, recovery, aftercare, survey."""
