"""The style of charts that stand alone: plain colours, since not every reader knows variables."""

import base64
import hashlib

STYLE = """
text{fill:#536071;font:11px system-ui,sans-serif;unicode-bidi:isolate}
.title{fill:#18212c;font-weight:600;font-size:13px}
.paper{fill:#fff}.rule{fill:none;stroke:#dbe0e6}
.line{fill:none;stroke:#18212c;stroke-width:1.3;opacity:.55}.band{fill:#b7c0cb;opacity:.35}
.limit{fill:none;stroke-dasharray:5 3}.limit.warning{stroke:#6b4e00}.limit.drift{stroke:#a12c00}
text.warning{fill:#6b4e00}text.drift{fill:#a12c00}.here{stroke:#0a58a8}
.dot{fill:#536071}.dot.drift,.strip .drift{fill:#d1451f}
.dot.warning{fill:#fff;stroke:#6b4e00;stroke-width:1.6}.strip .warning{fill:#f4d56a}
.dot.unjudged,.dot.error{fill:#fff;stroke:#52486b}.strip .ok{fill:#b7c0cb}
.strip .unjudged,.strip .error,.strip .waiting{fill:none;stroke:#52486b;stroke-dasharray:2 1.5}
.above{fill:none;stroke:#536071;stroke-width:1.6}.above.drift{stroke:#d1451f}
.above.warning{stroke:#6b4e00}.largest{fill:#18212c;font-weight:600}
.reference rect{fill:#b7c0cb}.current{fill:none;stroke:#0a58a8;stroke-width:2}
@media (prefers-color-scheme:dark){
text{fill:#a5b1c0}.title{fill:#e7ebf0}.paper{fill:#191f27}.rule{stroke:#323c48}
.line{stroke:#e7ebf0}.band{fill:#59667a}.limit.warning{stroke:#f2d478}.limit.drift{stroke:#ffb08a}
text.warning{fill:#f2d478}text.drift{fill:#ffb08a}.here{stroke:#74b9ff}.dot{fill:#a5b1c0}
.dot.drift,.strip .drift{fill:#e4572e}.dot.warning{fill:#191f27;stroke:#f2d478}
.dot.unjudged,.dot.error{fill:#191f27;stroke:#cdc3ea}.strip .warning{fill:#8a6d12}
.above{stroke:#a5b1c0}.above.drift{stroke:#e4572e}.above.warning{stroke:#f2d478}.largest{fill:#e7ebf0}
.strip .ok,.reference rect{fill:#59667a}.current{stroke:#74b9ff}
.strip .unjudged,.strip .error,.strip .waiting{stroke:#cdc3ea}
}
"""
DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
STYLE_POLICY = f"default-src 'none'; style-src 'sha256-{DIGEST}'; frame-ancestors 'self'"
