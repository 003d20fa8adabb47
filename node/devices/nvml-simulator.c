/*
 * A simulated NVIDIA driver library: the functions of NVML that a meter asks, with the types of
 * nvml.h, for machines without a GPU. Whoever asks it can tell: UUIDs and names begin with SIM-.
 *
 *   gcc -shared -fPIC -O1 -Wl,-soname,libnvidia-ml.so.1 -o libnvidia-ml.so.1 nvml-simulator.c
 *
 * Environment: NVML_SIM_SERIAL (0001) tells one machine's GPUs from another's, NVML_SIM_GPUS (1),
 * NVML_SIM_WATTS (350) default limit, NVML_SIM_ENFORCED_WATTS (the same) limit in force,
 * NVML_SIM_MISBEHAVE one of not-loaded, lost, not-supported, slow, crash, nonsense, unnamed,
 * backwards (the energy counter falls), silent (no energy counter).
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_LOADED = 9, GPU_LOST = 15 };
enum { GPUS_MAX = 16 };

typedef struct { int index; } Gpu;
static Gpu gpus[GPUS_MAX];

static const char *setting(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value == NULL ? otherwise : value;
}

static int misbehaves(const char *how) {
    return strcmp(setting("NVML_SIM_MISBEHAVE", "none"), how) == 0;
}

static unsigned int watts(void) { return (unsigned int)atoi(setting("NVML_SIM_WATTS", "350")); }

static unsigned long long milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * 1000u + (unsigned long long)now.tv_nsec / 1000000u;
}

static int power_question(unsigned int *answer, unsigned int milliwatts) {
    if (misbehaves("lost")) return GPU_LOST;
    if (misbehaves("not-supported")) return NOT_SUPPORTED;
    *answer = misbehaves("nonsense") ? 4294967295u : milliwatts;
    return SUCCESS;
}

int nvmlInit_v2(void) {
    if (misbehaves("not-loaded")) return NOT_LOADED;
    if (misbehaves("slow")) sleep(600);
    for (int i = 0; i < GPUS_MAX; i++) gpus[i].index = i;
    return SUCCESS;
}

int nvmlShutdown(void) { return SUCCESS; }

int nvmlSystemGetDriverVersion(char *text, unsigned int length) {
    snprintf(text, length, "SIM-1.0");
    return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned int *count) {
    int wanted = atoi(setting("NVML_SIM_GPUS", "1"));
    *count = (unsigned int)(wanted > GPUS_MAX ? GPUS_MAX : wanted);
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, Gpu **gpu) {
    unsigned int count;
    nvmlDeviceGetCount_v2(&count);
    if (index >= count) return INVALID_ARGUMENT;
    *gpu = &gpus[index];
    return SUCCESS;
}

int nvmlDeviceGetUUID(Gpu *gpu, char *text, unsigned int length) {
    const char *serial = setting("NVML_SIM_SERIAL", "0001");
    if (misbehaves("unnamed")) snprintf(text, length, "N/A");
    else snprintf(text, length, "SIM-GPU-%s-%d", serial, gpu->index);
    return SUCCESS;
}

int nvmlDeviceGetName(Gpu *gpu, char *text, unsigned int length) {
    (void)gpu;
    snprintf(text, length, "SIM-GPU %u W", watts());
    return SUCCESS;
}

int nvmlDeviceGetPowerManagementDefaultLimit(Gpu *gpu, unsigned int *milliwatts) {
    (void)gpu;
    if (misbehaves("crash")) raise(SIGSEGV); /* what a fault in a driver does to who asked */
    return power_question(milliwatts, watts() * 1000u);
}

int nvmlDeviceGetEnforcedPowerLimit(Gpu *gpu, unsigned int *milliwatts) {
    (void)gpu;
    const char *enforced = getenv("NVML_SIM_ENFORCED_WATTS");
    unsigned int limit = enforced == NULL ? watts() : (unsigned int)atoi(enforced);
    return power_question(milliwatts, limit * 1000u);
}

/* Draws 60 per cent of its limit, always. */
int nvmlDeviceGetPowerUsage(Gpu *gpu, unsigned int *milliwatts) {
    (void)gpu;
    return power_question(milliwatts, watts() * 600u);
}

int nvmlDeviceGetTotalEnergyConsumption(Gpu *gpu, unsigned long long *millijoules) {
    (void)gpu;
    if (misbehaves("lost")) return GPU_LOST;
    if (misbehaves("not-supported") || misbehaves("silent")) return NOT_SUPPORTED;
    unsigned long long used = milliseconds() * watts() * 6u / 10u;
    *millijoules = misbehaves("backwards") ? 9000000000000000000ull - used : used;
    return SUCCESS;
}
