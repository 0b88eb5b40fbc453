"""A page of a report in Chromium without a network, and what is heard of it."""

import shutil

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-sandbox"]
PATIENCE_MS = 60_000
# small views, since software draws them
LAPTOP, PHONE = {"width": 960, "height": 640}, {"width": 390, "height": 844}


def chromium():
    """Path of the browser, None where none is installed."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


class Opened:
    """A page, all that it asked for and all that it complained about."""

    def __init__(self, browser, path, viewport, touch=False):
        self.context = browser.new_context(viewport=viewport, offline=True, has_touch=touch)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.requests, self.complaints = [], []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)
        self.page.goto(path.as_uri())

    def _listen(self, message):
        # the software renderer remarks on reading pixels back
        if message.type in ("error", "warning") and "GPU stall" not in message.text:
            self.complaints.append(message.text)

    def panel(self, kind):
        """A panel whose view has been scrolled to and has started."""
        panel = self.page.locator(f'section.panel[data-panel="{kind}"]')
        panel.locator(".scene").scroll_into_view_if_needed()
        panel.locator(".scene[data-started]").wait_for()
        return panel
