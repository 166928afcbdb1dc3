/* operation.h - inside this room: the table of operations, a row each. */
#ifndef CONTROL_OPERATION_H
#define CONTROL_OPERATION_H

#include "control/call.h"

typedef struct {
    control_facts facts;
    uint64_t      required, optional; /* sets of members */
    call_handler *handler;            /* null: not modelled yet */
} operation_row;

const operation_row *operation_at(control_operation op);

#endif
