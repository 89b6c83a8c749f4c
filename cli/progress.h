/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What send and recv say about their work: each second how far they are, if
 * wanted, and at the end what it was; as text and as events (status.h).
 *
 *   progress  "seconds", "pages", "read", "written" (octets so far)
 *   done      "peer", "format" ("ber" or "qemu"), "qemu" and "wire" (octets),
 *             "seconds"; with BER also "description" (octets) and "digest", which
 *             are the same on both sides; else "confirmed"
 */
#ifndef BM_PROGRESS_H
#define BM_PROGRESS_H

#include "codec.h"
#include "watch.h"

typedef enum BmProgressStyle {
    BM_PROGRESS_NONE,
    BM_PROGRESS_LINE, /* one line in place on a terminal, else a line each second */
    BM_PROGRESS_JSON  /* events in the place of all text */
} BmProgressStyle;

/* A GOptionArgFunc for --progress[=line|json|none]; an empty value is "line". */
gboolean bm_progress_option(const char *name, const char *value, gpointer data, GError **error);
/* What it was set to, or `otherwise` if it was not given. */
BmProgressStyle bm_progress_style(BmProgressStyle otherwise);

/* Among a command's options. */
#define BM_PROGRESS_OPTION                                                                         \
    {                                                                                              \
        "progress", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK,                          \
            (gpointer)bm_progress_option,                                                          \
            "Say each second on standard error how far it is: as text, or all as JSON lines",      \
            "line|json|none"                                                                       \
    }

typedef struct BmProgress BmProgress;

/* `where` begins each line. */
BmProgress *bm_progress_start(const char *where, const BmWatch *watch);
/* No lines from now on; the watch may go.  NULL is fine. */
void bm_progress_free(BmProgress *progress);

typedef struct BmFinal {
    const char *where;
    gboolean receives;
    const char *peer;       /* see bm_peer_name() */
    const BmBerStats *wire; /* NULL: passed on in QEMU's own format */
    uint64_t legacy;        /* octets of QEMU's own format */
    gint64 begin;           /* as from g_get_monotonic_time() */
    gboolean confirmed;     /* the destination has said that it loaded the stream */
    gboolean one_way;       /* the connection: nobody could confirm anything */
    unsigned resumed;       /* how often a lost one was made again */
    unsigned channels;      /* further connections; their octets are in `wire` */
} BmFinal;

/* The last line, after success. */
void bm_progress_final(const BmFinal *final);

#endif
