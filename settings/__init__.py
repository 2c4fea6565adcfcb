"""What one installation is configured with: its settings (`fields`), the forms of their values (`forms`), and what
production refuses or cautions about (`safety`)."""

from settings.fields import (
    DEVELOPMENT_KEY,
    DEVELOPMENT_MAIL,
    OWASP_MEMORY_KIB,
    OWASP_TIME,
    Settings,
    SettingsProblem,
    load_settings,
    share_metrics,
    shared_metrics,
)

__all__ = [
    "DEVELOPMENT_KEY",
    "DEVELOPMENT_MAIL",
    "OWASP_MEMORY_KIB",
    "OWASP_TIME",
    "Settings",
    "SettingsProblem",
    "load_settings",
    "share_metrics",
    "shared_metrics",
]
