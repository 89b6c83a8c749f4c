/* SPDX-License-Identifier: BSD-2-Clause */
/* A device with each annotation in it. */
#ifndef UART_H
#define UART_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "annotate.h"

#define UART_FIFO 16
#define UART_SCRATCH_DEFAULT 0xa5

typedef enum UartMode { UART_IDLE, UART_LOOPBACK = 3 } UartMode;

struct UartBackend;

/* In an array, by a pointer, and with defaults of its own. */
typedef struct UartLine {
    bool level;
    uint32_t count BM_DEFAULT(7);
} BM_DEVICE("uart-line", 1) UartLine;

/* In lists; the links are not sent. */
typedef struct UartJob {
    uint16_t number;
    TAILQ_ENTRY(UartJob) next BM_ELSEWHERE("the list has it");
    LIST_ENTRY(UartJob) also BM_ELSEWHERE("the list has it");
} BM_DEVICE("uart-job", 1) UartJob;

/* One number in memory, two in the stream. */
typedef struct UartHalves {
    struct Uart *uart BM_ELSEWHERE("it is the parent");
    uint16_t high, low;
} BM_DEVICE("uart-halves", 1) BM_PRE_SAVE(uart_split) BM_POST_LOAD(uart_join) UartHalves;

typedef struct Uart {
    /* plain */
    uint8_t divider;
    uint16_t status;
    int64_t when;
    double rate;
    UartMode mode;
    int8_t matrix[2][3];
    bool has_label;
    char label[12] BM_STRING BM_OPTIONAL(has_label);
    int64_t deadline BM_TIMER;
    unsigned long seen[2] BM_BITMAP(100);
    /* counted */
    uint8_t fifo_len;
    uint8_t fifo[UART_FIFO] BM_SIZE(fifo_len);
    uint32_t n_words;
    uint32_t *words BM_SIZE(n_words) BM_MAX(UART_FIFO * 4);
    uint16_t pairs[UART_FIFO] BM_SIZE(obj->fifo_len / 2u);
    /* structs */
    UartLine line;
    UartLine lines[2];
    UartLine *spare[3];
    struct {
        uint8_t low, high;
    } BM_DEVICE("uart-window", 1) window;
    /* conditional */
    bool has_break;
    uint32_t break_length BM_OPTIONAL(has_break);
    uint8_t scratch BM_DEFAULT(UART_SCRATCH_DEFAULT);
    uint16_t levels[4] BM_DEFAULT(1);
    char peer[8] BM_STRING BM_DEFAULT("none");
    bool on BM_DEFAULT(true);
    double scale BM_DEFAULT(1.5);
    uint32_t extra BM_OPTIONAL(has_break) BM_DEFAULT(9);
    uint64_t credits BM_VERSION(2);
    /* lists, a temporary */
    GQueue *jobs BM_QUEUE(UartJob) BM_MAX(8);
    GTree *lanes BM_TREE(UartLine) BM_MAX(4);
    TAILQ_HEAD(UartJobs, UartJob) waiting BM_TAILQ(struct UartJob, next) BM_MAX(8);
    LIST_HEAD(UartDone, UartJob) done BM_LIST(UartJob, also) BM_MAX(8);
    uint32_t joined BM_THROUGH(UartHalves);
    /* compared */
    uint16_t model BM_CHECK_EQUAL;
    int32_t depth BM_CHECK_AT_MOST;
    /* apart */
    uint8_t modem_status BM_IN("uart/modem");
    uint16_t modem_timer BM_IN("uart/modem") BM_VERSION(3);
    bool parity BM_IN("uart/parity");
    /* not sent */
    const uint32_t clock;
    void (*notify)(struct Uart *uart);
    struct UartBackend *backend BM_IMMUTABLE("the host's end of the line");
    bool irq BM_DERIVED("from status and fifo_len");
    uint8_t holding BM_BROKEN("old versions did not send it either");
    struct Uart *next BM_ELSEWHERE("the bus has the list");
    uint32_t baudbase BM_PROPERTY("baudbase");
} BM_DEVICE("uart", 2) BM_POST_LOAD(uart_post_load) BM_SUBSECTION("uart/modem", 3, uart_has_modem)
    BM_SUBSECTION("uart/parity", 1, uart_has_parity) Uart;

gboolean uart_has_modem(const void *object);
gboolean uart_has_parity(const void *object);
gboolean uart_split(void *object, GError **error);
gboolean uart_join(void *object, uint32_t version, GError **error);
gboolean uart_post_load(void *object, uint32_t version, GError **error);

#endif
