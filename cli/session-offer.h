/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the ends of a session tell each other before it: the receiver's
 * capability "session" in its hello (SPEC.md 5.14), and the options behind it.
 */
#ifndef BM_SESSION_OFFER_H
#define BM_SESSION_OFFER_H

#include "hello.h"
#include "token.h"

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
    gboolean resume_given; /* see bm_session_options_check() */
    char *window;
    BmSessionTerms terms; /* see bm_session_options_check() */
} BmSessionOptions;

/* Of an option that was not given. */
#define BM_SESSION_RESUME_DEFAULT G_MININT

#define BM_SESSION_OPTIONS_INIT                                                                    \
    {                                                                                              \
        .stall = 30, .resume = BM_SESSION_RESUME_DEFAULT                                           \
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

/* Fills in `terms` and `resume_given`, once.  NULL, or what is wrong, to be freed with g_free(). */
char *bm_session_options_check(BmSessionOptions *options);

typedef struct BmSessionOffer {
    BmToken token;
    BmSessionTerms terms; /* the receiver's */
} BmSessionOffer;

/* An offer with a fresh token.  FALSE if the system has no random octets. */
gboolean bm_session_offer_new(BmSessionOffer *offer, const BmSessionOptions *options,
                              GError **error);

/* Puts it among the receiver's capabilities. */
void bm_session_offer_add(const BmSessionOffer *offer, BmHelloBox *hello);

/* The offer in a receiver's hello.  FALSE if it has none, or none that one can understand. */
gboolean bm_session_find_offer(const BmHello *hello, BmSessionOffer *offer);

#endif
