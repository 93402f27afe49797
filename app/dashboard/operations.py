"""Pages for people who run the service: alerts, retrainings, deliveries, ingest, the API."""

from app.dashboard.alerts.one import get_alert
from app.dashboard.alerts.page import get_alerts
from app.dashboard.deliveries.one import get_delivery
from app.dashboard.deliveries.page import get_deliveries
from app.dashboard.deliveries.resend import ask_to_resend, resend
from app.dashboard.docs.page import get_docs
from app.dashboard.ingest.model import get_intake
from app.dashboard.ingest.objects import get_objects
from app.dashboard.ingest.page import get_ingest
from app.dashboard.ingest.rejections import get_rejections
from app.dashboard.retrainings.one import get_retraining
from app.dashboard.retrainings.page import get_retrainings
from app.dashboard.routing import FormRoute, PageRoute

REDELIVER = "/deliveries/{delivery:number}/redeliver"
OPERATIONS = (
    PageRoute("/docs", get_docs),
    PageRoute("/alerts", get_alerts),
    PageRoute("/alerts.{form}", get_alerts),
    PageRoute("/alerts/{alert:number}", get_alert),
    PageRoute("/alerts/{alert:number}/history.{form}", get_alert),
    PageRoute("/retrainings", get_retrainings),
    PageRoute("/retrainings.{form}", get_retrainings),
    PageRoute("/retrainings/{retraining}", get_retraining),
    PageRoute("/retrainings/{retraining}/history.{form}", get_retraining),
    PageRoute("/deliveries", get_deliveries),
    PageRoute("/deliveries.{form}", get_deliveries),
    PageRoute("/deliveries/{delivery:number}", get_delivery),
    PageRoute("/deliveries/{delivery:number}/attempts.{form}", get_delivery),
    PageRoute(REDELIVER, ask_to_resend),
    FormRoute(REDELIVER, resend),
    PageRoute("/ingest", get_ingest),
    PageRoute("/ingest.{form}", get_ingest),
    PageRoute("/ingest/{model}", get_intake),
    PageRoute("/ingest/{model}/senders.{form}", get_intake),
    PageRoute("/ingest/{model}/rejections", get_rejections),
    PageRoute("/ingest/{model}/rejections.{form}", get_rejections),
    PageRoute("/ingest/{model}/sources/{source}", get_objects),
    PageRoute("/ingest/{model}/sources/{source}/objects.{form}", get_objects),
)
"""No route ends with a name and then a form: names may have dots, too."""
