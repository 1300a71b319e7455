/* Padding for one element type; see rk_pad.c. */
static void RK_NAME(pad)(const RK_ELEMENT *input, RK_ELEMENT *output, const rk_pad_parameters *p) {
    const int32_t *inner = (const int32_t *)p + INPUT_SIZE;
    const int32_t *before = (const int32_t *)p + BEFORE;
    for (int32_t i0 = 0; i0 < p->output_size0; i0++) {
        const bool inside0 = i0 >= before[0] && i0 - before[0] < inner[0];
        for (int32_t i1 = 0; i1 < p->output_size1; i1++) {
            const bool inside1 = inside0 && i1 >= before[1] && i1 - before[1] < inner[1];
            for (int32_t i2 = 0; i2 < p->output_size2; i2++) {
                const bool inside2 = inside1 && i2 >= before[2] && i2 - before[2] < inner[2];
                const int32_t first = inside2 ? before[3] : p->output_size3;
                const int32_t last = inside2 ? first + inner[3] : first;
                int32_t i3 = 0;
                while (i3 < first) output[i3++] = (RK_ELEMENT)p->value;
                while (i3 < last) output[i3++] = *input++;
                while (i3 < p->output_size3) output[i3++] = (RK_ELEMENT)p->value;
                output += p->output_size3;
            }
        }
    }
}
