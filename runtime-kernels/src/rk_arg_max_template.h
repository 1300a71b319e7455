/* Arg max for one element type; see rk_arg_max.c. */
static void RK_NAME(arg_max)(const RK_ELEMENT *input, int32_t *output, const rk_arg_max_parameters *p) {
    for (int32_t row = 0; row < p->rows; row++) {
        int32_t best = 0;
        for (int32_t index = 1; index < p->depth; index++) {
            if (input[index] > input[best]) best = index;
        }
        output[row] = best;
        input += p->depth;
    }
}
