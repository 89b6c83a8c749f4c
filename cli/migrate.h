/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bermig migrate: one guest from one QEMU to another, both driven over QMP.
 *
 *   command-migrate.c  options; connects to both
 *   migrate-check.c    what can be known to be wrong before anything is touched
 *   migrate-uri.c      the commands that the two QEMUs are told to run
 *   migrate-run.c      from the first command to the end of the move
 *   migrate-settle.c   what is true afterwards: exactly one guest
 *   migrate-show.c     progress, and the summary
 *
 * All in one thread: commands are short and have deadlines, and everything else
 * waits in bm_migration_wait().
 */
#ifndef BM_MIGRATE_H
#define BM_MIGRATE_H

#include "qmp.h"
#include "report.h"
#include "status-server.h"

/* What was asked for. */
typedef struct BmMigratePlan {
    BmAddress *from, *to;                /* of QMP */
    char *via;                           /* where the stream goes over, as send is given it */
    gboolean private_via;                /* that is a socket which only this user can get at */
    char *listen;                        /* the same as recv is given it; NULL: like `via` */
    char *bermig;                        /* the program at the source */
    char *remote_bermig;                 /* and at the destination; "none": QEMU itself listens */
    char *format, *compress;             /* for send and recv; may be NULL */
    int channels;                        /* for send */
    char **send_options, **recv_options; /* further ones; may be NULL */
    char **capabilities;                 /* of QEMU, switched on on both sides; may be NULL */
    gint64 max_bandwidth;                /* octets per second; 0: as it is */
    int downtime_limit;                  /* ms; 0: as it is */
    gboolean quit_source;
    char *status; /* the socket of the status server; NULL: none */
} BmMigratePlan;

/* One of the two QEMUs. */
typedef struct BmMigrateSide {
    const char *name; /* "source" or "destination" */
    const BmAddress *address;
    BmQmp *qmp;
    GPtrArray *changed; /* names of capabilities that were off before */
} BmMigrateSide;

/* The source's query-migrate, as far as it says something. */
typedef struct BmMigrateState {
    char status[24];           /* QEMU's word; "" before the first one */
    guint64 sent, left, total; /* octets */
    guint64 pages;             /* looked at */
    guint64 page_size;
    guint64 dirty_rate; /* pages per second */
    guint64 iteration;
    guint64 total_ms, setup_ms, downtime_ms;
    char *fault; /* QEMU's words; NULL */
} BmMigrateState;

typedef struct BmMigration {
    const BmMigratePlan *plan;
    BmMigrateSide source, destination;
    BmStatusServer *server; /* NULL: neither side is on this machine */
    int signals;            /* descriptor: SIGINT, SIGTERM, SIGHUP */
    int interrupted;        /* how often */

    gboolean was_running;    /* the guest, before */
    gboolean source_begun;   /* the command "migrate" was taken */
    gboolean incoming_begun; /* the command "migrate-incoming" was taken */
    BmMigrateState state;
    char *reason;  /* why we gave up ourselves; NULL */
    char *symptom; /* by what we saw that it failed, for when nobody says why; NULL */
    struct BmShow *show;
} BmMigration;

/* Waits until something has come from anywhere, at most `ms`, and takes it. */
void bm_migration_wait(BmMigration *m, int ms);
/* Makes `reason` known as the cause of the failure, if it is the first one. */
void bm_migration_give_up(BmMigration *m, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* ---- migrate-check.c ---- */

/* Finds all that stands against the move, and reports each with a sentence.
 * TRUE if there is nothing.  Changes nothing in either QEMU. */
gboolean bm_migrate_check(BmMigration *m);
/* Why a capability cannot be used, or NULL. */
const char *bm_capability_refusal(const char *name);

/* ---- migrate-uri.c ---- */

/* For the commands "migrate" and "migrate-incoming".  Free with g_free(). */
char *bm_source_uri(const BmMigratePlan *plan);
char *bm_destination_uri(const BmMigratePlan *plan);

/* ---- migrate-run.c ---- */

/* The move, up to where the source has come to an end of it, or is lost.  The
 * result is in *m: its state, its reason. */
void bm_migrate_run(BmMigration *m);
/* For the command "migrate-set-capabilities": a list that ends with NULL. */
json_object *bm_capability_arguments(const char *const *names, gboolean state);
/* Asks the source how far it is.  FALSE if its QMP is lost. */
gboolean bm_migration_query(BmMigration *m);
/* The source has said that it is through with it, one way or another. */
gboolean bm_migration_has_ended(const BmMigration *m);

/* ---- migrate-settle.c ---- */

/* Sees to it that exactly one guest is left, and tells where.  The exit status. */
BmExit bm_migrate_settle(BmMigration *m);

/* ---- migrate-show.c ---- */

typedef struct BmShow BmShow;

BmShow *bm_show_new(void);
/* How far it is; may be called often. */
void bm_show_progress(BmShow *show, const BmMigration *m);
void bm_show_free(BmShow *show); /* the line goes; NULL is fine */
/* After success: standard output, or an event. */
void bm_show_summary(const BmMigration *m, const char *guest);
/* After a failure: the event.  A person has been told. */
void bm_show_failure(const BmMigration *m, const char *reason, const char *source,
                     const char *destination);

#endif
