/* data.h - the data files that travel inside the program. */
#ifndef WORKLOADS_DATA_H
#define WORKLOADS_DATA_H

#include "policy/catalog.h"

/* The catalogue of AWS services (workloads/catalog/aws.txt), loaded into the arena. */
status data_catalog(arena *a, catalog **out, err *e);

#endif
