/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ends of a session tell each other before it: the receiver's
 * capability "session" in its hello (SPEC.md 5.14), and the options behind it.
 */
#ifndef BM_SESSION_OFFER_H
#define BM_SESSION_OFFER_H

#include "stream.h"

/* What one end wants. */
typedef struct BmSessionTerms {
    guint32 stall;   /* seconds of silence after which a connection is lost; 0: no limit */
    guint32 resume;  /* seconds to get a lost one back; 0: not at all */
    uint64_t window; /* octets that it keeps for that */
} BmSessionTerms;

/* The options of a command, as g_option_context_parse() fills them in, and what
 * they come to. */
typedef struct BmSessionOptions {
    gboolean none; /* no session at all */
    int stall, resume;
    char *window;
    BmSessionTerms terms; /* see bm_session_options_check() */
} BmSessionOptions;

#define BM_SESSION_OPTIONS_INIT                                                                    \
    {                                                                                              \
        .stall = 30, .resume = 10                                                                  \
    }

/* Rows of a table of GOptionEntry. */
#define BM_SESSION_ENTRIES(options)                                                                \
    {"no-session",                                                                                 \
     0,                                                                                            \
     0,                                                                                            \
     G_OPTION_ARG_NONE,                                                                            \
     &(options)->none,                                                                             \
     "No heartbeats, and a lost connection is the end",                                            \
     NULL},                                                                                        \
        {"stall-timeout",                                                                          \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &(options)->stall,                                                                        \
         "A connection is lost when the peer was silent so long: 30; 0: never",                    \
         "SEC"},                                                                                   \
        {"resume",                                                                                 \
         0,                                                                                        \
         0,                                                                                        \
         G_OPTION_ARG_INT,                                                                         \
         &(options)->resume,                                                                       \
         "Try so long to resume a lost connection: 10; 0: do not",                                 \
         "SEC"},                                                                                   \
    {                                                                                              \
        "window", 0, 0, G_OPTION_ARG_FILENAME, &(options)->window, "Keep so much for that: 64M",   \
            "SIZE"                                                                                 \
    }

/* Fills in `terms`, once.  NULL, or what is wrong, to be freed with g_free(). */
char *bm_session_options_check(BmSessionOptions *options);

typedef struct BmSessionOffer {
    uint8_t token[BM_LIMIT_TOKEN_MAX];
    size_t token_len;
    BmSessionTerms terms; /* the receiver's */
} BmSessionOffer;

/* An offer with a fresh token.  FALSE if the system has no random octets. */
gboolean bm_session_offer_new(BmSessionOffer *offer, const BmSessionOptions *options,
                              GError **error);

/* Says `hello` to the stream, with the offer among its capabilities. */
gboolean bm_session_say_hello(BmStreamVisitor *s, const BmHello *hello, const BmSessionOffer *offer,
                              GError **error);

/* Looks ahead at the hello that a return stream begins with, and takes nothing.
 * FALSE if it has no offer, none that one can understand, or does not come
 * within `seconds`. */
gboolean bm_session_find_offer(BmInput *back, unsigned seconds, BmSessionOffer *offer);

#endif
