/* Version of the firmware: changes whenever an image behaves differently. */
#ifndef RK_VERSION_H
#define RK_VERSION_H

#define RK_FIRMWARE_VERSION "0.1.0"

#endif
