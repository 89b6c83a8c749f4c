/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections, by addresses as QEMU spells them: tcp:HOST:PORT (an IPv6 address
 * in [brackets], an empty host is the local one or all), unix:PATH and fd:N (a
 * descriptor that was inherited); and - for standard input or output.
 *
 * GIO resolves and connects; what comes out is a plain blocking descriptor.
 */
#ifndef BM_TRANSPORT_H
#define BM_TRANSPORT_H

#include <glib.h>

typedef struct BmAddress {
    char *text; /* as given; for messages */
    char *path; /* unix, else NULL */
    char *host; /* tcp; "" if none was given; else NULL */
    guint16 port;
    gboolean standard; /* - */
    int fd;            /* fd, else -1 */
} BmAddress;

/* One that can be connected to, tcp: or unix:.  NULL if the text is none. */
BmAddress *bm_address_parse(const char *text, GError **error);
/* Also fd: and -, which is called `standard` in messages. */
BmAddress *bm_address_parse_any(const char *text, const char *standard, GError **error);
/* Takes over a descriptor that is there already, of an address that is fd: or -,
 * for which `standard` is meant.  The number of a standard one stays, and is a file
 * without an end of any interest: reading it gives the end, writing nothing.  A
 * descriptor of the caller's, or -1. */
int bm_address_take_fd(const BmAddress *address, int standard, GError **error);
/* TRUE for fd: and -. */
gboolean bm_address_is_inherited(const BmAddress *address);
/* The host that is connected to, as a certificate would name it; NULL: none. */
const char *bm_address_host(const BmAddress *address);
void bm_address_free(BmAddress *address); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BmAddress, bm_address_free)

/* Connects.  The peer may not listen yet: tried again until `seconds` are over.
 * A descriptor, or -1. */
int bm_connect(const BmAddress *address, unsigned seconds, GError **error);

typedef struct BmListener BmListener;

BmListener *bm_listen(const BmAddress *address, GError **error);
/* The address that it listens on, the port included if it was 0. */
const char *bm_listener_name(const BmListener *listener);
/* Readable when somebody has connected. */
int bm_listener_fd(const BmListener *listener);
/* Accepts who has connected, as a descriptor; -1 on failure.  *who gets a name for
 * messages, for the caller to free. */
int bm_listener_take(BmListener *listener, char **who, GError **error);
/* The next connection, as a descriptor; -1 if none comes within `seconds`
 * (0: no limit), or when the reader of `reader` (a pipe; -1: none) goes before. */
int bm_listener_accept(BmListener *listener, unsigned seconds, int reader, GError **error);
/* Stops listening; the file of a Unix socket goes.  NULL is fine. */
void bm_listener_free(BmListener *listener);

#endif
