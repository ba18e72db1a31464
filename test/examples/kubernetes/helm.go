// Renders the templates of a Helm chart with Go's template engine, which is Helm's, and those of its functions that
// the chart uses. Arguments: the folder of templates, the namespace. Standard input: the values, as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"text/template"
)

func main() {
	var values map[string]interface{}
	check(json.NewDecoder(os.Stdin).Decode(&values))
	root := template.New("chart").Option("missingkey=error")
	root.Funcs(template.FuncMap{
		"quote":  func(value interface{}) string { return strconv.Quote(fmt.Sprint(value)) },
		"kindIs": func(kind string, value interface{}) bool { return kind == reflect.ValueOf(value).Kind().String() },
		"toJson": toJson,
		"ternary": func(yes, no interface{}, which bool) interface{} {
			if which {
				return yes
			}
			return no
		},
		"toYaml":  toYaml,
		"nindent": func(spaces int, text string) string { return "\n" + indent(spaces, text) },
		"include": func(name string, data interface{}) (string, error) {
			var out strings.Builder
			err := root.ExecuteTemplate(&out, name, data)
			return out.String(), err
		},
	})
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.yaml"))
	check(err)
	sort.Strings(files)
	template.Must(root.ParseFiles(files...))
	data := map[string]interface{}{"Values": values, "Release": map[string]interface{}{"Namespace": os.Args[2]}}
	for _, file := range files {
		fmt.Println("---")
		check(root.ExecuteTemplate(os.Stdout, filepath.Base(file), data))
	}
}

func toJson(value interface{}) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

// JSON is YAML, too.
func toYaml(value interface{}) (string, error) {
	text, err := json.MarshalIndent(value, "", "  ")
	return string(text), err
}

func indent(spaces int, text string) string {
	padding := strings.Repeat(" ", spaces)
	return padding + strings.ReplaceAll(text, "\n", "\n"+padding)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
