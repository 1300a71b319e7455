/* Received bytes of the board's one UART; its receive interrupt puts them here. */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "rk_ring.h"

extern rk_ring rk_received;

#endif
