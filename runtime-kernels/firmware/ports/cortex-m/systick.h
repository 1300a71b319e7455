/* Starts the counter behind rk_port_cost. */
#ifndef SYSTICK_H
#define SYSTICK_H

void rk_systick_start(void);

#endif
