package kind

import (
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// maxAnswer is how many bytes an answer may hold: several times what a page of
// any list that is asked for comes to.
const maxAnswer = 64 << 20

// A bounded is a client whose answers end.
type bounded struct{ aws.HTTPClient }

func (b bounded) Do(r *http.Request) (*http.Response, error) {
	answer, err := b.HTTPClient.Do(r)
	if err == nil && answer.Body != nil {
		answer.Body = &boundedBody{ReadCloser: answer.Body, left: maxAnswer}
	}
	return answer, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if len(p) > b.left+1 {
		p = p[:b.left+1] // one more, which tells too many from just so many
	}
	n, err := b.ReadCloser.Read(p)
	if n > b.left {
		return 0, &tooLargeError{}
	}
	b.left -= n
	return n, err
}

// A tooLargeError is of an answer that was not read to its end.
type tooLargeError struct{}

func (*tooLargeError) Error() string {
	return fmt.Sprintf("the answer is larger than %d MiB, which nothing that AWS keeps comes to", maxAnswer>>20)
}

// RetryableError keeps the SDK from asking for the same answer again.
func (*tooLargeError) RetryableError() bool { return false }
