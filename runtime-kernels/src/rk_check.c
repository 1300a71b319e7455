/* Checks shared by the kernels; see rk_check.h. Nothing here runs during inference. */
#include "rk_check.h"

int32_t rk_elements2(int32_t a, int32_t b) {
    return a < 1 || b < 1 || a > INT32_MAX / b ? 0 : a * b;
}

int32_t rk_elements3(int32_t a, int32_t b, int32_t c) {
    return rk_elements2(rk_elements2(a, b), c);
}

int32_t rk_elements4(int32_t a, int32_t b, int32_t c, int32_t d) {
    return rk_elements2(rk_elements3(a, b, c), d);
}

rk_status rk_check_range(int32_t value, int32_t low, int32_t high) {
    return value >= low && value <= high ? RK_OK : RK_ERROR_PARAMETERS;
}

rk_status rk_check_signature(const rk_check *check, int32_t inputs, int32_t dtypes) {
    if (check->operation->input_count != inputs) return RK_ERROR_PARAMETERS;
    return (dtypes >> check->operation->dtype) & 1 ? RK_OK : RK_ERROR_DTYPE;
}

rk_status rk_check_tensor(const rk_tensor *tensor, uint8_t dtype, int32_t elements) {
    if (tensor->dtype != dtype) return RK_ERROR_DTYPE;
    return elements > 0 && tensor->size_bytes >> (dtype - 1) == (uint32_t)elements ? RK_OK : RK_ERROR_SHAPE;
}

rk_status rk_check_constant(const rk_check *check, uint32_t offset, uint32_t bytes) {
    if (offset % RK_ALIGNMENT != 0) return RK_ERROR_CONSTANT;
    return offset <= check->constants_bytes && bytes <= check->constants_bytes - offset ? RK_OK : RK_ERROR_CONSTANT;
}

rk_status rk_check_optional_constant(const rk_check *check, uint32_t offset, uint32_t bytes) {
    return offset == RK_NO_CONSTANT ? RK_OK : rk_check_constant(check, offset, bytes);
}

rk_status rk_check_weights(const rk_check *check, uint32_t offset, int32_t bits, int32_t elements) {
    if (bits != 8 && bits != 4 && bits != 2) return RK_ERROR_PARAMETERS;
    if (elements < 1) return RK_ERROR_SHAPE;
    const uint32_t per_byte = 8u / (uint32_t)bits;
    return rk_check_constant(check, offset, ((uint32_t)elements + per_byte - 1u) / per_byte);
}

rk_status rk_check_bias(const rk_check *check, uint32_t offset, int32_t channels) {
    const uint32_t word_bytes = check->operation->dtype == RK_DTYPE_INT16 ? 8u : 4u;
    if (channels < 1 || (uint32_t)channels > UINT32_MAX / word_bytes) return RK_ERROR_SHAPE;
    return rk_check_optional_constant(check, offset, (uint32_t)channels * word_bytes);
}

rk_status rk_check_zero_point(const rk_check *check, int32_t zero_point) {
    const int32_t highest = check->operation->dtype == RK_DTYPE_INT8 ? INT8_MAX : INT16_MAX;
    return rk_check_range(zero_point, -highest - 1, highest);
}

rk_status rk_check_clamp(const rk_check *check, int32_t zero_point, int32_t clamp_min, int32_t clamp_max) {
    rk_status status = rk_check_zero_point(check, zero_point);
    if (status == RK_OK) status = rk_check_zero_point(check, clamp_min);
    if (status == RK_OK) status = rk_check_zero_point(check, clamp_max);
    return status == RK_OK && clamp_min > clamp_max ? RK_ERROR_PARAMETERS : status;
}

static bool between(int32_t value, int32_t low, int32_t high) {
    return value >= low && value <= high;
}

static bool scale_fits(uint8_t rule, int32_t multiplier, int32_t shift) {
    enum { FLOAT_INFINITY = 0x7F800000 };
    switch (rule) {
    case RK_RULE_DOUBLE:
    case RK_RULE_SINGLE:
        return multiplier >= 0 && between(shift, -31, 30);
    case RK_RULE_FLOAT32:
        return between(multiplier, 0, FLOAT_INFINITY - 1) && shift == 0;
    case RK_RULE_SHIFT_HALF_UP:
    case RK_RULE_SHIFT_HALF_EVEN:
        return between(shift, -62, 31);
    case RK_RULE_MULTIPLY_SHIFT_FLOOR:
        return between(shift, -63, 0);
    case RK_RULE_REDUCED_16:
        return multiplier >= 0 && between(shift, -31, 7);
    default:
        return false;
    }
}

rk_status rk_check_scale(uint8_t rule, int32_t multiplier, int32_t shift) {
    return scale_fits(rule, multiplier, shift) ? RK_OK : RK_ERROR_PARAMETERS;
}

rk_status rk_check_scales(const rk_check *check, uint32_t multiplier, uint32_t shift, int32_t channel_step,
                          int32_t channels) {
    if (!between(channel_step, 0, 1) || !between(channels, 1, INT32_MAX / 4)) return RK_ERROR_PARAMETERS;
    const int32_t count = channel_step == 0 ? 1 : channels;
    rk_status status = rk_check_constant(check, multiplier, (uint32_t)count * 4u);
    if (status == RK_OK) status = rk_check_constant(check, shift, (uint32_t)count * 4u);
    if (status != RK_OK) return status;
    const int32_t *multipliers = (const int32_t *)(const void *)(check->constants + multiplier);
    const int32_t *shifts = (const int32_t *)(const void *)(check->constants + shift);
    for (int32_t channel = 0; channel < count; channel++) {
        if (!scale_fits(check->operation->rule, multipliers[channel], shifts[channel])) return RK_ERROR_CONSTANT;
    }
    return RK_OK;
}

rk_status rk_check_positive_float(int32_t bits) {
    enum { SMALLEST_NORMAL = 0x00800000, LARGEST_FINITE = 0x7F7FFFFF };
    return rk_check_range(bits, SMALLEST_NORMAL, LARGEST_FINITE);
}

rk_status rk_check_axis(const rk_axis *axis) {
    if (!between(axis->input, 1, RK_SIZE_MAX) || !between(axis->output, 1, RK_SIZE_MAX) ||
        !between(axis->kernel, 1, RK_SIZE_MAX) || !between(axis->stride, 1, RK_SIZE_MAX) ||
        !between(axis->dilation, 1, RK_SIZE_MAX) || !between(axis->pad, 0, RK_SIZE_MAX)) {
        return RK_ERROR_PARAMETERS;
    }
    const int64_t last_origin = (int64_t)(axis->output - 1) * axis->stride;
    const int64_t reach = (int64_t)(axis->kernel - 1) * axis->dilation;
    return last_origin + reach < 1 << 30 ? RK_OK : RK_ERROR_PARAMETERS;
}
