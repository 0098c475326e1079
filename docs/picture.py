"""Takes the picture of the digest that README.md shows, from a fresh demonstration.

    python docs/picture.py [docs/digest.png]

Needs Debian's Chromium (apt-get install chromium).
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from redshank.demo.run import demonstrate

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def main(target: Path) -> None:
    """Run the demonstration, open its digest and save what is seen."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        demonstrate(Path(folder) / "demo", as_json=False)
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 720, "height": 1100}, device_scale_factor=1)
        page.goto((Path(folder) / "demo" / "digest.html").as_uri())
        page.screenshot(path=target, full_page=False)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("digest.png"))
