/* SPDX-License-Identifier: BSD-2-Clause */
#include "session-store.h"

#define BLOCK BM_LIMIT_FRAME_DATA
/* Free blocks that stay at hand. */
#define SPARE 4

typedef struct Block {
    uint8_t octets[BLOCK];
} Block;

struct BmStore {
    GQueue blocks;   /* Block; all full but the last */
    GQueue spare;    /* Block */
    uint64_t origin; /* position of the first block's first octet */
    uint64_t begin, end;
    uint64_t window;
};

BmStore *bm_store_new(uint64_t position, uint64_t window)
{
    BmStore *store = g_new0(BmStore, 1);

    g_queue_init(&store->blocks);
    g_queue_init(&store->spare);
    store->origin = store->begin = store->end = position;
    store->window = window;
    return store;
}

void bm_store_free(BmStore *store)
{
    if (store != NULL) {
        g_queue_clear_full(&store->blocks, g_free);
        g_queue_clear_full(&store->spare, g_free);
        g_free(store);
    }
}

uint64_t bm_store_begin(const BmStore *store)
{
    return store->begin;
}

uint64_t bm_store_end(const BmStore *store)
{
    return store->end;
}

uint8_t *bm_store_room(BmStore *store, size_t *len)
{
    uint64_t left = store->window - (store->end - store->begin);
    size_t used = (size_t)((store->end - store->origin) % BLOCK);

    *len = (size_t)MIN(left, BLOCK - used);
    if (*len == 0) {
        return NULL;
    }
    if (store->end - store->origin == (uint64_t)store->blocks.length * BLOCK) {
        Block *block = g_queue_pop_head(&store->spare);

        g_queue_push_tail(&store->blocks, block != NULL ? block : g_new(Block, 1));
    }
    return ((Block *)g_queue_peek_tail(&store->blocks))->octets + used;
}

void bm_store_add(BmStore *store, size_t len)
{
    store->end += len;
}

BmOctets bm_store_at(const BmStore *store, uint64_t position)
{
    uint64_t at = position - store->origin;
    size_t offset = (size_t)(at % BLOCK);
    const Block *block = g_queue_peek_nth((GQueue *)&store->blocks, (guint)(at / BLOCK));

    if (position == store->end) {
        return (BmOctets){NULL, 0};
    }
    return (BmOctets){block->octets + offset, (size_t)MIN(store->end - position, BLOCK - offset)};
}

void bm_store_drop(BmStore *store, uint64_t position)
{
    store->begin = position;
    while (position - store->origin >= BLOCK) {
        Block *block = g_queue_pop_head(&store->blocks);

        store->origin += BLOCK;
        if (store->spare.length < SPARE) {
            g_queue_push_head(&store->spare, block);
        } else {
            g_free(block);
        }
    }
}
