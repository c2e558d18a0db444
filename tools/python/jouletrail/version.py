# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The client's version: the program's own."""

VERSION = "0.1.0"
