package main

import (
	"errors"
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// libraries are those that Argo CD opens for a health check (resource.customizations.useOpenLibs is off).
var libraries = map[string]lua.LGFunction{
	lua.LoadLibName:   lua.OpenPackage,
	lua.BaseLibName:   lua.OpenBase,
	lua.TabLibName:    lua.OpenTable,
	lua.StringLibName: lua.OpenString,
}

// argocd runs a health check: `obj` is the object, and the answer is a table with `status` and `message`.
func argocd(script string, object map[string]any) (verdict, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range libraries {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return verdict{}, err
		}
	}
	state.SetGlobal("obj", table(state, object))
	if err := state.DoString(script); err != nil {
		return verdict{}, err
	}
	answer, is := state.Get(-1).(*lua.LTable)
	if !is {
		return verdict{}, errors.New("the check gives no table")
	}
	it := unstructured.Unstructured{Object: object}
	return verdict{it.GetName(), lua.LVAsString(answer.RawGetString("status")), lua.LVAsString(answer.RawGetString("message"))}, nil
}

// table is a value of JSON as Lua has it.
func table(state *lua.LState, value any) lua.LValue {
	switch it := value.(type) {
	case nil:
		return lua.LNil
	case bool:
		return lua.LBool(it)
	case string:
		return lua.LString(it)
	case int64:
		return lua.LNumber(it)
	case float64:
		return lua.LNumber(it)
	case []any:
		list := state.CreateTable(len(it), 0)
		for _, item := range it {
			list.Append(table(state, item))
		}
		return list
	case map[string]any:
		fields := state.CreateTable(0, len(it))
		for key, item := range it {
			fields.RawSetString(key, table(state, item))
		}
		return fields
	}
	return lua.LString(fmt.Sprint(value))
}
