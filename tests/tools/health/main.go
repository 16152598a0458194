// Command health says of objects what a GitOps tool says of them: it reads a stream of JSON objects and answers with a
// line of JSON for each, `{"name", "status", "message"}`.
//
//	health kstatus          the library that Flux, kpt, Helm and others wait with
//	health argocd SCRIPT    a health check in Lua, run as Argo CD runs it
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// verdict is what is said of an object.
type verdict struct {
	Name    string `json:"name"`
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "health: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out io.Writer) error {
	judge, err := judgeOf(args)
	if err != nil {
		return err
	}
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		object := map[string]any{}
		if err := decoder.Decode(&object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		found, err := judge(whole(object).(map[string]any))
		if err != nil {
			return err
		}
		if err := encoder.Encode(found); err != nil {
			return err
		}
	}
}

func judgeOf(args []string) (func(map[string]any) (verdict, error), error) {
	switch {
	case len(args) == 1 && args[0] == "kstatus":
		return kstatus, nil
	case len(args) == 2 && args[0] == "argocd":
		script, err := os.ReadFile(args[1])
		return func(object map[string]any) (verdict, error) { return argocd(string(script), object) }, err
	}
	return nil, errors.New("usage: health kstatus | health argocd SCRIPT")
}

func kstatus(object map[string]any) (verdict, error) {
	it := &unstructured.Unstructured{Object: object}
	result, err := status.Compute(it)
	if err != nil {
		return verdict{}, err
	}
	return verdict{Name: it.GetName(), Status: result.Status.String(), Message: result.Message}, nil
}

// whole turns whole numbers into integers, as Kubernetes' own decoder does: kstatus compares generations.
func whole(value any) any {
	switch it := value.(type) {
	case map[string]any:
		for key := range it {
			it[key] = whole(it[key])
		}
	case []any:
		for index := range it {
			it[index] = whole(it[index])
		}
	case float64:
		if it == float64(int64(it)) {
			return int64(it)
		}
	}
	return value
}
