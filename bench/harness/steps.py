"""The chain as every side walks it, step by step."""

LEAD = "lead"
CONVERT = "convert"
QUOTATION = "quotation"
SEND = "send"
CONFIRM = "confirm"
DELIVERY = "delivery"
INVOICE = "invoice"
POST = "post"
PAYMENT = "payment"

STEPS = (
    LEAD,
    CONVERT,
    QUOTATION,
    SEND,
    CONFIRM,
    DELIVERY,
    INVOICE,
    POST,
    PAYMENT,
)
