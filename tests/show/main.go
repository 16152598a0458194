// Command show is the application of the node's test, and its pause container: with no arguments it waits
// for SIGTERM; with folders it prints every file in them, each time that something in one has changed.
//
// The lines are what the test waits for, so a file is one line: its path and its content as JSON text. The
// folders are looked at every few milliseconds: the test measures how long an edit takes to get here, and
// an application that is told by inotify would hear of it no earlier.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const pause = 2 * time.Millisecond

func main() {
	// A pause container is process 1 of its pod: others' children end up with it.
	signal.Ignore(syscall.SIGCHLD)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	if len(os.Args) == 1 {
		<-stop
		return
	}
	shown := map[string]string{}
	for {
		for _, folder := range os.Args[1:] {
			show(folder, shown)
		}
		select {
		case <-stop:
			fmt.Println("stopped")
			return
		case <-time.After(pause):
		}
	}
}

// show prints the files of a folder when it has changed. The kubelet replaces all files of a mounted Secret
// or ConfigMap at once, by a link that it renames: where the link points to is what has to be compared.
func show(folder string, shown map[string]string) {
	version, err := os.Readlink(filepath.Join(folder, "..data"))
	if err != nil || version == shown[folder] {
		return
	}
	shown[folder] = version
	files, err := os.ReadDir(folder)
	if err != nil {
		fmt.Println(folder, err)
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), ".") {
			continue
		}
		path := filepath.Join(folder, file.Name())
		content, err := os.ReadFile(path)
		if err != nil {
			fmt.Println(path, err)
			continue
		}
		text, _ := json.Marshal(string(content))
		fmt.Printf("%s %s\n", path, text)
	}
}
