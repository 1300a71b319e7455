/* A strided copy for one element type; see rk_strides.h. */
static void RK_NAME(copy)(const RK_ELEMENT *input, RK_ELEMENT *output, const rk_walk *walk) {
    const int32_t *steps = walk->steps;
    for (int32_t i0 = 0; i0 < walk->sizes[0]; i0++) {
        for (int32_t i1 = 0; i1 < walk->sizes[1]; i1++) {
            for (int32_t i2 = 0; i2 < walk->sizes[2]; i2++) {
                const RK_ELEMENT *row = input + (walk->first + i0 * steps[0] + i1 * steps[1] + i2 * steps[2]);
                for (int32_t i3 = 0; i3 < walk->sizes[3]; i3++) *output++ = row[i3 * steps[3]];
            }
        }
    }
}
