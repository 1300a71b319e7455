/* Packs filters; see rkw_filters.h. */
#include "rkw_filters.h"

#include "rkw_narrow.h"

/* Element `at` of a run of a channel, 0 past the ends. */
static int32_t weight_at(const rkw_filters *f, int32_t channel, int32_t run, int32_t at) {
    if (channel >= f->outputs || at >= f->run_elements) return 0;
    const int32_t index = f->first + (channel * f->runs + run) * f->run_elements + at;
    return rk_weight_at(f->codes, f->bits, index) - f->zero_point;
}

uint8_t *rkw_pack_filters(const rkw_filters *f, const rkw_panel *panels, uint8_t *weights) {
    int16_t *target = (int16_t *)(void *)weights;
    for (int32_t first = 0; first < f->outputs; first += RKW_LANES, panels++) {
        for (int32_t run = 0; run < f->runs; run++) {
            for (int32_t element = 0; element < f->run_elements; element += 2) {
                for (int32_t lane = 0; lane < 2 * RKW_LANES; lane++) {
                    const int32_t weight = weight_at(f, first + lane / 2, run, element + lane % 2);
                    *target++ = (int16_t)(weight * panels->factor);
                }
            }
        }
    }
    return (uint8_t *)target;
}

/* What the sums of one channel reach: one holds the first two weights of each step, the other the last two. */
typedef struct narrow_sums {
    int32_t magnitude[2];
    int32_t total;
    int fits;
} narrow_sums;

static narrow_sums sums_of(const rkw_filters *f, int32_t channel, int32_t factor) {
    narrow_sums sums = {{0, 0}, 0, 1};
    for (int32_t run = 0; run < f->runs; run++) {
        for (int32_t at = 0; at < f->run_elements && sums.fits; at++) {
            const int32_t weight = weight_at(f, channel, run, at) * factor;
            int32_t *magnitude = &sums.magnitude[at / 2 % 2];
            *magnitude += weight < 0 ? -weight : weight;
            sums.total += weight;
            sums.fits = weight >= INT8_MIN && weight <= INT8_MAX && *magnitude <= INT16_MAX / RKW_NARROW_MAX;
        }
    }
    return sums;
}

static void pack_narrow_panel(const rkw_filters *f, int32_t first, int32_t factor, int8_t *target) {
    for (int32_t run = 0; run < f->runs; run++) {
        for (int32_t element = 0; element < f->run_elements; element += RKW_STEP_BYTES) {
            for (int32_t lane = 0; lane < RKW_STEP_BYTES * RKW_LANES; lane++) {
                const int32_t at = element + lane % RKW_STEP_BYTES;
                *target++ = (int8_t)(weight_at(f, first + lane / RKW_STEP_BYTES, run, at) * factor);
            }
        }
    }
}

uint8_t *rkw_pack_narrow_filters(const rkw_filters *f, int32_t input_zero_point, rkw_panel *panels, uint8_t *weights) {
    for (int32_t first = 0; first < f->outputs; first += RKW_LANES, panels++) {
        for (int32_t lane = 0; lane < RKW_LANES; lane++) {
            const narrow_sums sums = sums_of(f, first + lane, panels->factor);
            if (!sums.fits) return NULL;
            /* The sum of (x - zero_point) * w is that of (x + 8) * w less (zero_point + 8) times that of w. */
            const uint32_t surplus = (uint32_t)((input_zero_point + RKW_NARROW_OFFSET) * sums.total);
            panels->narrow_bias[lane] = (int32_t)((uint32_t)panels->bias[lane] - surplus);
        }
        pack_narrow_panel(f, first, panels->factor, (int8_t *)weights);
        weights += f->runs * rkw_run_steps(f->run_elements, 1) * RKW_WEIGHT_BYTES;
    }
    return weights;
}
