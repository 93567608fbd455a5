// Runs a client-go pod informer against a server and prints what it cost as one JSON object.
//
// Usage: informer --server URL [--objects N] [--watch-events N] [--json]
//
// Lists in client-go's own pages of 500, stores whole pods as client-go does, and with --watch-events holds the watch
// until that many events were seen. Processor time is user + system of the whole process (collector included) from
// before the list to the moment the store has all objects; memory is resident memory above what the process had before
// it asked for anything, at its peak and after a collection that gives everything back to the system.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// report is what bench/peers/run.py reads; our own program prints the same fields.
type report struct {
	Client         string  `json:"client"`
	Objects        int     `json:"objects"`
	ListSeconds    float64 `json:"list_seconds"`
	ListCPUSeconds float64 `json:"list_cpu_seconds"`
	BaseBytes      int64   `json:"base_bytes"`   // resident before the list
	SteadyBytes    int64   `json:"steady_bytes"` // growth at the end, after everything was collected
	PeakBytes      int64   `json:"peak_bytes"`   // growth at its highest until all was listed
	WatchEvents    int64   `json:"watch_events"`
	WatchSeconds   float64 `json:"watch_seconds"`
	WatchCPU       float64 `json:"watch_cpu_seconds"`
}

func fail(text string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "informer: "+text+"\n", arguments...)
	os.Exit(1)
}

// cpuSeconds is the user and system time of the whole process.
func cpuSeconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail("getrusage: %v", err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// statusBytes reads a field in kB of /proc/self/status.
func statusBytes(field string) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fail("%v", err)
	}
	var kilobytes int64
	for line := range strings.Lines(string(text)) {
		if _, err := fmt.Sscanf(line, field+": %d kB", &kilobytes); err == nil {
			return kilobytes * 1024
		}
	}
	fail("no %s in /proc/self/status", field)
	return 0
}

// collected gives back all that can be given back and returns what stays resident.
func collected() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	return statusBytes("VmRSS")
}

// resetPeak makes the kernel forget the highest resident size so far.
func resetPeak() {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		fail("%v", err)
	}
}

func until(what string, limit time.Duration, done func() bool) {
	for deadline := time.Now().Add(limit); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			fail("not %s after %v", what, limit)
		}
	}
}

func main() {
	server := flag.String("server", "", "URL of the API server")
	objects := flag.Int("objects", 10000, "how many pods must come")
	events := flag.Int64("watch-events", 0, "hold the watch until this many events came")
	asJSON := flag.Bool("json", false, "print JSON instead of a line")
	flag.Parse()
	if *server == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}

	client, err := kubernetes.NewForConfig(&rest.Config{Host: *server, QPS: -1})
	if err != nil {
		fail("%v", err)
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	informer := factory.Core().V1().Pods().Informer()
	var seen, changed atomic.Int64
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { seen.Add(1) },
		UpdateFunc: func(any, any) { changed.Add(1) },
		DeleteFunc: func(any) { changed.Add(1) },
	}
	if _, err := informer.AddEventHandler(handler); err != nil {
		fail("%v", err)
	}

	result := report{Client: "client-go v0.34.2", BaseBytes: collected()}
	resetPeak()
	cpu, began := cpuSeconds(), time.Now()
	stop := make(chan struct{})
	factory.Start(stop)
	until("synced", 5*time.Minute, informer.HasSynced)
	until("told of each pod", time.Minute, func() bool { return seen.Load() >= int64(*objects) })
	result.ListSeconds = time.Since(began).Seconds()
	result.ListCPUSeconds = cpuSeconds() - cpu
	result.PeakBytes = statusBytes("VmHWM") - result.BaseBytes
	stored := informer.GetStore().List()
	result.Objects = len(stored)
	if len(stored) != *objects {
		fail("%d objects in the store, not %d", len(stored), *objects)
	}
	if pod, ok := stored[0].(*corev1.Pod); !ok || pod.Name == "" {
		fail("the store does not hold pods")
	}
	stored = nil

	if *events > 0 {
		// What the list left behind is not the watch's to collect.
		collected()
		cpu, began, first := cpuSeconds(), time.Now(), changed.Load()
		until("all events", 10*time.Minute, func() bool { return changed.Load()-first >= *events })
		result.WatchEvents = changed.Load() - first
		result.WatchSeconds = time.Since(began).Seconds()
		result.WatchCPU = cpuSeconds() - cpu
	}
	result.SteadyBytes = collected() - result.BaseBytes
	close(stop)

	if *asJSON {
		json.NewEncoder(os.Stdout).Encode(result)
		return
	}
	fmt.Printf("%d pods: %.2f s processor, %.1f MB steady, %.1f MB peak; %d events: %.3f s processor in %.1f s\n",
		result.Objects, result.ListCPUSeconds, float64(result.SteadyBytes)/1e6, float64(result.PeakBytes)/1e6,
		result.WatchEvents, result.WatchCPU, result.WatchSeconds)
}
