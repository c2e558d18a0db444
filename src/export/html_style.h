/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* html_style.h - how pages look: light, dark, on paper, from 360 pixels on. */
#ifndef EXPORT_HTML_STYLE_H
#define EXPORT_HTML_STYLE_H

extern const char html_style[];

#endif /* EXPORT_HTML_STYLE_H */
