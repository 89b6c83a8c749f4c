/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the sender of sessions that can be resumed comes back: one thread that goes on
 * listening, and hands each connection that begins with a frame Resume to the session whose
 * token it has.  All others are turned away.
 */
#ifndef BM_DOOR_H
#define BM_DOOR_H

#include "link.h"
#include "token.h"

typedef struct BmDoor BmDoor;

typedef struct BmDoorSetup {
    BmListener *listener;
    const BmTlsCredentials *credentials; /* NULL: no TLS */
    const char *identity;                /* of the sender, as bm_link_identity() has it */
    const BmToken *channels; /* what tokens of sessions to come begin with; NULL: none come */
} BmDoorSetup;

/* Nobody is let in yet.  All that the setup points to must outlive it.  NULL: no descriptors. */
BmDoor *bm_door_new(const BmDoorSetup *setup, GError **error);
/* All sessions have been dismissed.  Waits for an attempt that is under way.  NULL is fine. */
void bm_door_free(BmDoor *door);

/* A session that waits for its sender. */
typedef struct BmDoorGuest {
    BmOctets token; /* must stay until it is dismissed */
    /* Has come: takes the link; `received` as its Resume says.  In another thread, or in
     * bm_door_admit() if it has come already; must not call the door. */
    void (*arrived)(void *data, BmLink *link, uint64_t received);
    void *data;
} BmDoorGuest;

/* All calls of a door that follow are for one thread. */

/* From now on it is let in, each time that it comes; `guest` must stay until it is dismissed. */
gboolean bm_door_admit(BmDoor *door, const BmDoorGuest *guest, GError **error);
/* It is not any more.  Behind the last one nobody is let in any more. */
void bm_door_dismiss(BmDoor *door, const BmDoorGuest *guest);

#endif
