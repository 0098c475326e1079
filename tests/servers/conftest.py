"""Tests against the real programs, from Debian's packages and npm. They run with ``make test-servers`` alone.

What is needed for WordPress and MediaWiki: nginx-light php8.2-fpm php8.2-mysql php8.2-sqlite3 php8.2-mbstring
php8.2-xml php8.2-intl mariadb-server wordpress wordpress-theme-twentytwentythree mediawiki. For Bluesky: npm,
postgresql, redis-server. Nothing is installed in the system and nothing is configured there: each server has a folder
of its own, listens on 127.0.0.1, and is ended by its process id.
"""

import os

# Read when the folder is collected: the other tests' fixtures take such variables out of the environment.
if os.environ.get("REDSHANK_TEST_SERVERS") != "1":
    collect_ignore_glob = ["test_*.py"]
