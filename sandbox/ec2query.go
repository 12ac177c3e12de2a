package sandbox

import (
	"bytes"
	"reflect"
)

const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// encodeEC2 writes an answer of EC2, which names its fields in lower case and
// has no envelope within the response.
func encodeEC2(c *call, out any) []byte {
	var b bytes.Buffer
	b.WriteString(xmlHeader + "<" + c.operation + `Response xmlns="` + c.service.xmlns + `"><requestId>` + c.id + "</requestId>")
	v := reflect.ValueOf(out)
	if v.NumField() == 0 {
		b.WriteString("<return>true</return>")
	}
	xmlFields(&b, v, ec2Query)
	b.WriteString("</" + c.operation + "Response>\n")
	return b.Bytes()
}

func encodeEC2Error(c *call, e *apiError) []byte {
	var b bytes.Buffer
	b.WriteString(xmlHeader + "<Response><Errors><Error><Code>")
	xmlText(&b, e.Code)
	b.WriteString("</Code><Message>")
	xmlText(&b, e.Message)
	b.WriteString("</Message></Error></Errors><RequestID>" + c.id + "</RequestID></Response>\n")
	return b.Bytes()
}
