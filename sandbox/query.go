package sandbox

import (
	"bytes"
	"encoding/xml"
	"reflect"
	"strconv"
	"time"
)

// encodeQuery writes an answer of IAM or STS.
func encodeQuery(c *call, out any) []byte {
	var b bytes.Buffer
	b.WriteString("<" + c.operation + `Response xmlns="` + c.service.xmlns + `">`)
	if v := reflect.ValueOf(out); v.Type() != reflect.TypeFor[none]() {
		b.WriteString("<" + c.operation + "Result>")
		xmlFields(&b, v, awsQuery)
		b.WriteString("</" + c.operation + "Result>")
	}
	b.WriteString("<ResponseMetadata><RequestId>" + c.id + "</RequestId></ResponseMetadata></" + c.operation + "Response>\n")
	return b.Bytes()
}

func encodeQueryError(c *call, e *apiError) []byte {
	fault := "Sender"
	if e.status() >= 500 {
		fault = "Receiver"
	}
	var b bytes.Buffer
	b.WriteString(`<ErrorResponse xmlns="` + c.service.xmlns + `"><Error><Type>` + fault + "</Type><Code>")
	xmlText(&b, e.Code)
	b.WriteString("</Code><Message>")
	xmlText(&b, e.Message)
	b.WriteString("</Message></Error><RequestId>" + c.id + "</RequestId></ErrorResponse>\n")
	return b.Bytes()
}

// xmlFields writes the fields of a struct as elements, named as the fields or
// by their "xml" tags. Nil pointers are left out; everything else is written,
// empty lists included, as AWS does.
func xmlFields(b *bytes.Buffer, v reflect.Value, p protocol) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			xmlFields(b, v.Field(i), p)
			continue
		}
		name := f.Name
		if tag := f.Tag.Get("xml"); tag != "" {
			name = tag
		} else if p == ec2Query {
			name = lowerFirst(name)
		}
		xmlValue(b, name, v.Field(i), p)
	}
}

func xmlValue(b *bytes.Buffer, name string, v reflect.Value, p protocol) {
	if v.Kind() == reflect.Pointer {
		if !v.IsNil() {
			xmlValue(b, name, v.Elem(), p)
		}
		return
	}
	b.WriteString("<" + name + ">")
	switch v.Kind() {
	case reflect.String:
		xmlText(b, v.String())
	case reflect.Bool:
		b.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int:
		b.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Slice:
		item := "member"
		if p == ec2Query {
			item = "item"
		}
		if v.Type() == reflect.TypeFor[summary]() {
			item = "entry" // the only map there is
		}
		for i := range v.Len() {
			xmlValue(b, item, v.Index(i), p)
		}
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			b.WriteString(p.time(t))
		} else {
			xmlFields(b, v, p)
		}
	default:
		panic("sandbox: no XML for a " + v.Type().String())
	}
	b.WriteString("</" + name + ">")
}

func xmlText(b *bytes.Buffer, s string) {
	xml.EscapeText(b, []byte(s))
}
