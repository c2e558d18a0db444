/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen.c - see screen.h: the only file that knows ncurses. */
#define _XOPEN_SOURCE_EXTENDED 1
#include "cli/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "view/view.h"

/* term.h has these words for itself. */
#undef lines
#undef columns

/* How long an Esc waits for the rest of a function key's sequence, ms: a slow line's need. */
#define ESCAPE_MS 50

struct screen {
	SCREEN *terminal;
	int signal_fd;
	bool is_new; /* what is on the terminal is not known: all is put */
	struct canvas canvas;
	struct canvas shown;
	attr_t attributes[CANVAS_N_ROLES];
	short pair[CANVAS_N_ROLES];
};

/* By what a fault's handler gives the terminal back: nothing but bytes and a system call. */
static struct {
	struct termios mode;
	char bytes[256];
	size_t n_bytes;
	struct sigaction before[6];
} rescue;

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT };

#define N_FAULTS (sizeof(faults) / sizeof(faults[0]))

static void screen_mask(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGWINCH);
	sigaddset(ret, SIGTSTP);
	sigaddset(ret, SIGCONT);
}

int screen_possible(struct why *why)
{
	const char *term = getenv("TERM");
	int known = 0;
	const char *move;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return why_set(why, -ENOTTY, "no terminal");
	if (!term || !term[0])
		return why_set(why, -ENOTSUP, "TERM is not set");
	if (setupterm(NULL, STDOUT_FILENO, &known) != OK)
		return why_set(why, -ENOTSUP, "TERM=%.40s is not known here", term);
	move = tigetstr("cup");
	del_curterm(cur_term);
	if (!move || move == (const char *)-1) // NOLINT(performance-no-int-to-ptr)
		return why_set(why, -ENOTSUP, "TERM=%.40s cannot move its cursor", term);
	return 0;
}

void screen_block_signals(void)
{
	sigset_t set;

	screen_mask(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void rescue_now(int sig, siginfo_t *info, void *context)
{
	ssize_t written = write(STDOUT_FILENO, rescue.bytes, rescue.n_bytes);

	(void)context;
	(void)written; /* there is nobody to tell */
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.mode);
	for (size_t i = 0; i < N_FAULTS; i++)
		sigaction(faults[i], &rescue.before[i], NULL);
	/* A fault comes again by itself, once this returns to it; what was sent does not. */
	if (sig == SIGQUIT || info->si_code <= 0)
		raise(sig);
}

static void rescue_add(const char *capability)
{
	const char *bytes = tigetstr((char *)capability);
	size_t n;

	if (!bytes || bytes == (const char *)-1) // NOLINT(performance-no-int-to-ptr)
		return;
	n = strlen(bytes);
	if (rescue.n_bytes + n > sizeof(rescue.bytes))
		return;
	memcpy(rescue.bytes + rescue.n_bytes, bytes, n);
	rescue.n_bytes += n;
}

static void rescue_begin(void)
{
	struct sigaction action = { .sa_sigaction = rescue_now, .sa_flags = SA_SIGINFO };

	rescue.n_bytes = 0;
	rescue_add("sgr0");
	rescue_add("rmkx");
	rescue_add("cnorm");
	rescue_add("rmcup");
	for (size_t i = 0; i < N_FAULTS; i++)
		sigaction(faults[i], &action, &rescue.before[i]);
}

static void rescue_end(void)
{
	for (size_t i = 0; i < N_FAULTS; i++)
		sigaction(faults[i], &rescue.before[i], NULL);
}

/*
 * Few colours, and none without a second sign: bars have a length, figures stand in their column,
 * a warning says what it warns of. Blue and orange are apart for every kind of colour blindness
 * (Okabe and Ito, 2008).
 */
static void screen_colours(struct screen *s)
{
	static const attr_t plain[CANVAS_N_ROLES] = {
		[CANVAS_DIM] = A_DIM,	      [CANVAS_STRONG] = A_BOLD,
		[CANVAS_TITLE] = A_UNDERLINE, [CANVAS_SORTED] = A_UNDERLINE | A_BOLD,
		[CANVAS_KEY] = A_BOLD,	      [CANVAS_WARNING] = A_BOLD,
		[CANVAS_CURSOR] = A_REVERSE,
	};
	const char *no_color = getenv("NO_COLOR");

	memcpy(s->attributes, plain, sizeof(plain));
	if ((no_color && no_color[0]) || !has_colors() || start_color() != OK ||
	    use_default_colors() != OK)
		return;
	init_pair(1, COLORS >= 256 ? 74 : COLOR_CYAN, -1);
	init_pair(2, COLORS >= 256 ? 214 : COLOR_YELLOW, -1);
	s->pair[CANVAS_GRAPH] = s->pair[CANVAS_KEY] = 1;
	s->pair[CANVAS_WARNING] = 2;
	if (COLORS < 256)
		return;
	/* A grey that is read on black and on white: "dim" is not on every terminal. */
	init_pair(3, 245, -1);
	s->pair[CANVAS_DIM] = s->pair[CANVAS_TITLE] = 3;
	s->attributes[CANVAS_DIM] = A_NORMAL;
}

/* The terminal's size is the kernel's word: variables of the environment are of another time. */
static void screen_fit(struct screen *s)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col &&
	    (size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
	s->is_new = true;
}

DEFINE_CLEANUP(struct screen *, screen_close)

int screen_open(struct screen **ret, struct why *why)
{
	CLEANUP(screen_close_ptr) struct screen *s = calloc(1, sizeof(*s));
	const char *term = getenv("TERM");
	sigset_t set;

	if (!s)
		return why_set(why, -ENOMEM, "no memory");
	setlocale(LC_CTYPE, "");
	screen_mask(&set);
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0 || tcgetattr(STDIN_FILENO, &rescue.mode))
		return why_set(why, -errno, "the terminal: %s", strerror(errno));
	s->terminal = newterm(NULL, stdout, stdin);
	if (!s->terminal)
		return why_set(why, -ENOTSUP, "the terminal cannot be a full screen");
	/* Its handlers draw whatever is going on; these signals are blocked, and waited for. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGWINCH, SIG_DFL);
	rescue_begin();
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	screen_colours(s);
	s->canvas.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	/* The kernel's console has not these glyphs in its fonts. */
	s->canvas.no_blocks = term && !strncmp(term, "linux", 5);
	screen_fit(s);
	*ret = TAKE_PTR(s);
	return 0;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->terminal) {
		endwin();
		rescue_end();
		delscreen(s->terminal);
	}
	cleanup_close(&s->signal_fd);
	canvas_free(&s->canvas);
	canvas_free(&s->shown);
	free(s);
}

int screen_fd_keys(const struct screen *s)
{
	(void)s;
	return STDIN_FILENO;
}

int screen_fd_signals(const struct screen *s)
{
	return s->signal_fd;
}

static uint32_t key_of(wint_t code)
{
	switch (code) {
	case KEY_UP:
		return VIEW_KEY_UP;
	case KEY_DOWN:
		return VIEW_KEY_DOWN;
	case KEY_LEFT:
		return VIEW_KEY_LEFT;
	case KEY_RIGHT:
		return VIEW_KEY_RIGHT;
	case KEY_PPAGE:
		return VIEW_KEY_PAGE_UP;
	case KEY_NPAGE:
		return VIEW_KEY_PAGE_DOWN;
	case KEY_HOME:
		return VIEW_KEY_HOME;
	case KEY_END:
		return VIEW_KEY_END;
	case KEY_ENTER:
		return VIEW_KEY_ENTER;
	case KEY_BACKSPACE:
	case KEY_DC:
		return VIEW_KEY_BACKSPACE;
	default:
		return 0;
	}
}

int screen_key(struct screen *s, uint32_t *ret)
{
	struct pollfd keys = { .fd = STDIN_FILENO, .events = POLLIN };
	wint_t code;

	(void)s;
	switch (get_wch(&code)) {
	case OK:
		*ret = code;
		return 0;
	case KEY_CODE_YES:
		*ret = key_of(code);
		return 0;
	default:
		break;
	}
	/* Readable and nothing to read: the other end is gone. */
	if (poll(&keys, 1, 0) > 0 && keys.revents & (POLLHUP | POLLERR | POLLNVAL))
		return -EIO;
	return -EAGAIN;
}

void screen_renew(struct screen *s)
{
	s->is_new = true;
}

/* Stops as it would without a handler; the terminal is the shell's meanwhile. */
static void screen_stop(void)
{
	sigset_t stop;

	endwin();
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	kill(getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

void screen_signals(struct screen *s)
{
	struct signalfd_siginfo info;
	bool stop = false;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info))
		stop = stop || info.ssi_signo == SIGTSTP;
	if (stop)
		screen_stop();
	/* Whoever had the terminal meanwhile may have left it in any mode. */
	reset_prog_mode();
	screen_fit(s);
}

struct canvas *screen_canvas(struct screen *s)
{
	unsigned int lines = LINES > 0 ? (unsigned int)LINES : 0;
	unsigned int columns = COLS > 0 ? (unsigned int)COLS : 0;

	return canvas_reset(&s->canvas, lines, columns) ? NULL : &s->canvas;
}

static void put_line(const struct screen *s, unsigned int line)
{
	const struct canvas *c = &s->canvas;

	for (unsigned int column = 0; column < c->n_columns; column++) {
		const struct canvas_cell *cell = &c->cell[line * c->n_columns + column];
		wchar_t text[] = { (wchar_t)cell->ch, (wchar_t)cell->mark, L'\0' };
		cchar_t glyph;

		if (cell->ch && setcchar(&glyph, text, s->attributes[cell->role],
					 s->pair[cell->role], NULL) == OK)
			mvadd_wch((int)line, (int)column, &glyph);
	}
}

static bool line_is_shown(const struct screen *s, unsigned int line)
{
	const struct canvas *now = &s->canvas, *then = &s->shown;
	size_t at = (size_t)line * now->n_columns;

	for (unsigned int i = 0; i < now->n_columns; i++) {
		const struct canvas_cell *a = &now->cell[at + i], *b = &then->cell[at + i];

		if (a->ch != b->ch || a->mark != b->mark || a->role != b->role)
			return false;
	}
	return true;
}

void screen_show(struct screen *s)
{
	struct canvas *now = &s->canvas, *then = &s->shown;
	bool same_size = now->n_lines == then->n_lines && now->n_columns == then->n_columns;

	if (s->is_new)
		clearok(curscr, TRUE);
	if (s->is_new || !same_size)
		erase();
	for (unsigned int line = 0; line < now->n_lines; line++)
		if (s->is_new || !same_size || !line_is_shown(s, line))
			put_line(s, line);
	refresh();
	s->is_new = canvas_reset(then, now->n_lines, now->n_columns) != 0;
	if (!s->is_new && now->n_lines)
		memcpy(then->cell, now->cell,
		       (size_t)now->n_lines * now->n_columns * sizeof(*now->cell));
}
